mkdir -p empty nested/one/two nested/three
: > empty-file
chmod 2755 nested/three
