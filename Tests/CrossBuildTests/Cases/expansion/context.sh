echo two > two.txt
sed -i 's/ $a$a$/ 70$c/' Dockerfile
