mkdir -p 자료/안
for name in 파일.txt '빈 칸.txt' 자료/일.csv 자료/이.csv 자료/지울것 자료/안/깊은것 자료/제외.log; do echo "$name" > "$name"; done
# The same two syllables, taken apart: another name for the kernel.
echo decomposed > "자료/$(printf '\341\204\222\341\205\241\341\206\253')"
printf '자료/*.log\n' > .dockerignore
