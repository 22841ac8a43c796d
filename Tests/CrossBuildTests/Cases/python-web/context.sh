printf 'flask==2.2.2\ngunicorn==20.1.0\n' > requirements.txt
mkdir -p app/templates tests app/__pycache__
echo 'from flask import Flask' > app/__init__.py
echo '{% extends "base.html" %}' > app/templates/index.html
echo 'assert True' > tests/test_app.py
echo cached > app/__pycache__/x.pyc
printf '**/__pycache__\ntests\nDockerfile*\n' > .dockerignore
