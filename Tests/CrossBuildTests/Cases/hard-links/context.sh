mkdir pair
echo pair > pair/a
ln pair/a pair/b
