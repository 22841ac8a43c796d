mkdir -p src/uploads src/includes
echo '<?php phpinfo();' > src/index.php
echo '<?php // db' > src/includes/db.php
echo 'memory_limit = 256M' > php.ini
