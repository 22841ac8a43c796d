mkdir assets content
echo 'body { color: red }' > assets/main.css
echo 'p { color: blue }' > assets/more.css
echo '# One' > content/one.md
echo '# Two' > content/two.md
