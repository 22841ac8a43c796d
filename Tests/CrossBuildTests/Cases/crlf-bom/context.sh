# The Dockerfile and the ignore file as an editor on Windows saves them.
printf '\357\273\277' > bom
sed 's/$/\r/' Dockerfile | cat bom - > new
mv new Dockerfile
rm bom
printf 'one\r\n' > one.txt
echo two > two.txt
echo three > three.txt
echo blank > "with blank.txt"
printf '\357\273\277three.txt\r\n# comment\r\n' > .dockerignore
