sed -i '/^RUN false/d' Dockerfile
