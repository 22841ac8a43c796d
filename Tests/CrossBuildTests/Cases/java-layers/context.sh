mkdir -p target tree/dependencies/lib tree/snapshot-dependencies tree/application/classes
echo one > tree/dependencies/lib/one.jar
echo main > tree/application/classes/Main.class
chmod 700 tree/application/classes
tar -C tree --owner 1000 --group 1000 -cf target/app-1.0.tar .
rm -r tree
