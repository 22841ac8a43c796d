mkdir -p tree/inner tree/sticky
echo '#!/bin/sh' > script
echo secret > secret
echo odd > tree/odd
echo deep > tree/inner/deep
chmod 1777 tree/sticky
chmod 4 tree/odd
cp script setuid
cp script setgid
chmod 4755 setuid
chmod 2755 setgid
