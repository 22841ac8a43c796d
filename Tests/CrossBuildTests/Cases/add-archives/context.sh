mkdir -p tree/inner directory
echo one > tree/one
echo two > tree/inner/two
ln -s one tree/soft
ln tree/one tree/hard
chmod 4750 tree/inner/two
chmod 1777 tree/inner
chown 1000:1001 tree/inner
touch -d @1000000000 tree/one tree/inner/two tree/inner tree
tar --numeric-owner -cf plain.tar tree
tar --numeric-owner -czf packed.tar.gz tree/inner
tar --numeric-owner -cf packed.tar tree/soft tree/one && bzip2 packed.tar
tar --numeric-owner -cJf packed.tar.xz tree/one
cp packed.tar.gz no-suffix
echo words only > not-an-archive.tar
echo words | gzip -n > words.txt.gz
cp plain.tar directory/inner.tar
rm -r tree
