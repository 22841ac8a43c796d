mkdir -p 'a b/c d'
for name in 'two  blanks' -dash 'back\slash' 'star*' "'quoted'" 'quoted' '"double"' double %percent '#hash' '=' '~' \
    "$(printf 'new\nline')" "$(printf %0250d 1)" .wh 'a b/c d/e f' ' leading' 'trailing '; do
    echo "$name" > "$name"
done
