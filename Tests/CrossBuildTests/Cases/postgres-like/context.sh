printf '#!/bin/sh\nexec su postgres -c "$*"\n' > docker-entrypoint.sh
printf '#!/bin/sh\ntest -s "$PGDATA/PG_VERSION"\n' > ensure-initdb.sh
chmod 755 *.sh
