mkdir -p r/bin r/etc r/root r/dev r/proc r/sys r/tmp
cp /bin/busybox r/bin/
echo root:x:0:0:root:/root:/bin/sh > r/etc/passwd
echo welcome > r/etc/motd
chmod 666 r/etc/motd
chmod 1777 r/tmp
chmod 700 r/root
tar -C r --numeric-owner --owner 0 --group 0 -czf rootfs.tar.gz .
rm -r r
