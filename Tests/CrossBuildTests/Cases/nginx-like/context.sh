for name in docker-entrypoint.sh 10-listen.sh 20-envsubst.sh; do printf '#!/bin/sh\nexec "$@"\n' > $name; done
chmod 755 *.sh
chmod 775 20-envsubst.sh
echo 'server { listen 80; }' > default.conf
