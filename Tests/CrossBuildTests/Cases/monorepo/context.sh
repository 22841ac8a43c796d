for name in server shared web; do
    mkdir -p packages/$name/src packages/$name/dist
    echo "{ \"name\": \"$name\" }" > packages/$name/package.json
    echo "// $name" > packages/$name/src/index.js
    echo built > packages/$name/dist/index.js
done
echo '{}' > package.json
echo '{ "packages": ["packages/*"] }' > lerna.json
printf '# what is built is not source\npackages/*/dist\n!packages/shared/dist/index.js\n' > .dockerignore
