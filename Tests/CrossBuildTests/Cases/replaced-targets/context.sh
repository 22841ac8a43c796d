mkdir -p tree/kept
echo new > new
echo tree > tree/file
echo tree > tree/kept/file
