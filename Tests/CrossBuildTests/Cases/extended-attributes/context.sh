mkdir -p tree/inner
echo x > file
echo y > tree/inner/file
cp /bin/busybox tree/capable
python3 -c 'import os
os.setxattr("file", "user.note", b"a note")
os.setxattr("tree/inner/file", "user.empty", b"")
os.setxattr("tree/inner/file", "user.binary", b"\0\xff\n=")
os.setxattr("tree/inner", "user.of.a.directory", b"here")
os.setxattr("tree/capable", "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))'
tar --xattrs --xattrs-include='*' --numeric-owner -cf archive.tar file tree
