mkdir -p directory/inner
echo file > file
echo inner > directory/inner/file
echo blank > "with blank"
echo one > one.txt
echo two > two.txt
