mkdir -p d/inner
echo 1 > f1
echo 2 > d/f2
echo 3 > d/inner/f3
ln -s f2 d/link
chown 1000:1000 f1 d/f2
