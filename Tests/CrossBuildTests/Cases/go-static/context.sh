mkdir -p cmd/server
echo 'module example.com/server' > go.mod
echo 'package main' > cmd/server/main.go
