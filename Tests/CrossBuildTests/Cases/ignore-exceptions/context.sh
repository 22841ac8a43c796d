mkdir -p keep/a/b docs/api src/main src/test/data build/lib build/bin node_modules/x deep/node_modules/y logs
for file in keep/a/b/file keep/a/skip.log docs/index.md docs/api/README.md docs/draft.txt src/main/app.py \
    src/test/app.py src/test/data/kept.json build/lib/kept.so build/lib/other build/bin/tool node_modules/x/index.js \
    deep/node_modules/y/index.js logs/1.log logs/.keep .env .env.example a1.tmp ab.tmp 'odd!name' '#hash' README.md \
    trailing; do echo "$file" > "$file"; done
cat > .dockerignore <<'END'
# a comment
*.md
!README.md
  docs/draft.*
docs
!docs/api
docs/api/*.txt
src/test
!src/test/data/*.json
**/*.log
build/
!build/lib/kept.so
/node_modules
**/node_modules/y
logs/*
!logs/.keep
.env*
!.env.example
a?.tmp
!a[0-9].tmp
./trailing/
!odd!name
Dockerfile*
.dockerignore
END
