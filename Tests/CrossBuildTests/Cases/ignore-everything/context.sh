mkdir -p deep/er/most other empty
for file in deep/er/one.py deep/er/most/two.py deep/er/most/no.txt other/three.py other/no one.txt no; do
    echo "$file" > "$file"
done
printf '*\n!deep/er/one.py\n!deep/er/most/*.py\n!one.txt\n**/three.*\n' > .dockerignore
