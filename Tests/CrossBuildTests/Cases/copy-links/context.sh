mkdir -p directory up dangling-tree
echo content > file
echo inner > directory/inner
ln -s file file-link
ln -s directory directory-link
ln -s /directory/inner absolute-link
ln -s nowhere dangling-tree/dangling
ln -s ../directory/inner dangling-tree/relative
ln -s ../../../../../file up/outside-link
ln -s directory-link/inner two-steps
