printf 'the token' > token
echo token > .dockerignore
