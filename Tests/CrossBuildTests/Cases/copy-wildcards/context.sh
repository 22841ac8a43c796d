mkdir -p data/deep
for name in a b c ab bc 1; do echo $name > data/$name.csv; done
echo deep > data/deep/d.csv
echo one > one.txt
echo two > two.txt
echo hidden > .hidden.txt
echo read > README.md
echo blank > "with blank.log"
echo bracket > 'literal[1].txt'
echo not bracket > literal1.txt
