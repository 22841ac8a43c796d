mkdir -p src/bin
printf '[package]\nname = "app"\n' > Cargo.toml
echo 'version = 3' > Cargo.lock
echo 'fn main() { println!("hi") }' > src/main.rs
echo 'fn main() {}' > src/bin/extra.rs
