for directory in $(seq 1 20); do
    mkdir -p files/$directory
    for file in $(seq 1 30); do echo $directory $file > files/$directory/$directory-$file; done
done
