seq 1 1000000 > big
truncate -s 30M sparse
printf middle | dd of=sparse bs=1 seek=10000000 conv=notrunc 2> /dev/null
