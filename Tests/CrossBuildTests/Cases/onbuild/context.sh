echo '{}' > package.json
echo code > index.js
