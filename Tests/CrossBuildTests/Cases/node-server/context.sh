mkdir -p pages public feedback temp node_modules/express .git
echo '{ "name": "feedback", "dependencies": { "express": "^4.17.1" } }' > package.json
echo 'require("express")().listen(3000)' > server.js
echo '<h1>Your feedback</h1>' > pages/feedback.html
echo 'body { margin: 0 }' > public/styles.css
echo left behind > node_modules/express/index.js
echo ref: refs/heads/main > .git/HEAD
printf 'node_modules\n.git\nDockerfile\n*.log\n' > .dockerignore
echo noise > npm-debug.log
