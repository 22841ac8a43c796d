mkdir -p directory/inner/deep
for name in file directory/one.log directory/inner/one.txt directory/inner/deep/file directory/inner/tool; do
    echo "$name" > "$name"
done
chmod 700 directory/inner/tool
chmod 600 directory/inner/one.txt
