mkdir -p tree/inner tree/other tree/empty
echo file > tree/inner/file
echo two > tree/inner/two
echo three > tree/other/three
chmod 711 tree/other
chmod 2770 tree/empty
