#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the images that dsh carries in itself, `starter` and `hello`, as one OCI layout in a tar archive, and writes it
# as a Swift string. The same busybox always gives the same bytes.
#
#   make-starters.sh OUTPUT.swift SCRATCH-DIRECTORY
#
# Needs busybox-static and, besides sh, only tar, gzip, sha256sum and base64.
set -eu
umask 022
export LC_ALL=C

output=$1
scratch=$2
busybox=/bin/busybox
created=2026-11-25T00:00:00Z
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

[ -x $busybox ] || { echo "error: $busybox is missing: apt-get install busybox-static" >&2; exit 1; }
case $(uname -m) in
    x86_64) platform='"architecture":"amd64"' ;;
    aarch64) platform='"architecture":"arm64","variant":"v8"' ;;
    *) echo "error: no name for the architecture $(uname -m)" >&2; exit 1 ;;
esac

rm -rf "$scratch"
mkdir -p "$scratch/layout/blobs/sha256"
cd "$scratch"

# pack DIRECTORY: the tar archive of a directory, without anything of this machine's or this moment's.
pack() {
    (cd "$1" && tar --create --format=ustar --sort=name --mtime=@1795564800 --owner=0 --group=0 --numeric-owner -- *)
}

# digest FILE
digest() {
    sha256sum "$1" | cut -c 1-64
}

# store FILE: makes it a blob, and prints its digest.
store() {
    name=$(digest "$1")
    mv "$1" "layout/blobs/sha256/$name"
    echo "$name"
}

# descriptor TYPE DIGEST
descriptor() {
    printf '"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%d' \
        "$1" "$2" "$(wc -c < "layout/blobs/sha256/$2")"
}

# ── The layer of starter: BusyBox with its applets linked, and the files that programs look for. ──
root=starter
mkdir -p $root/bin $root/sbin $root/usr/bin $root/usr/sbin $root/usr/local/bin $root/etc $root/proc $root/sys \
    $root/dev $root/run $root/tmp $root/var/tmp $root/var/log $root/var/www $root/root $root/home $root/mnt \
    $root/opt $root/srv
chmod 1777 $root/tmp $root/var/tmp
chmod 700 $root/root
cp $busybox $root/bin/busybox
chmod 755 $root/bin/busybox
$busybox --list-full | while read -r applet; do
    case $applet in
        bin/busybox | linuxrc) ;;
        bin/* | sbin/* | usr/bin/* | usr/sbin/*) ln -s /bin/busybox "$root/$applet" ;;
    esac
done
cat > $root/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/:/usr/sbin/nologin
END
cat > $root/etc/group <<'END'
root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
nogroup:x:65534:
END
cat > $root/etc/profile <<END
export PATH=$path
PS1='\\u@\\h:\\w\\\$ '
END
chmod 644 $root/etc/*

# ── The layer of hello: one program. ──
mkdir hello
cat > hello/hello <<'END'
#!/bin/sh
cat <<'TEXT'
안녕하세요! 방금 컨테이너 하나가 실행되었습니다.
  1. 이 컴퓨터에서 'hello' 이미지를 찾았습니다.
  2. 그 이미지로 컨테이너를 만들고, 파일과 프로세스와 네트워크를 따로 떼어 주었습니다.
  3. 그 안의 프로그램이 이 글을 출력했고, 프로그램이 끝나면서 컨테이너도 끝났습니다.
다음에 해 볼 것: run -it starter  (나올 때는 exit)

Hello! A container has just run for you.
  1. The image 'hello' was found on this computer.
  2. A container was made from it, with files, processes and a network of its own.
  3. The program inside printed this text; as it ended, so did the container.
Try next: run -it starter  (and leave it with exit)
TEXT
END
chmod 755 hello/hello

# layer NAME: makes the layer a blob; the digests before and after compression go into variables.
layer() {
    pack "$1" > layer.tar
    diff_id=$(digest layer.tar)
    gzip -9n < layer.tar > layer.tar.gz
    rm layer.tar
    blob=$(store layer.tar.gz)
}

layer starter
starter_diff=$diff_id
starter_layer=$(descriptor layer.v1.tar+gzip "$blob")
layer hello
hello_diff=$diff_id
hello_layer=$(descriptor layer.v1.tar+gzip "$blob")

# step INSTRUCTION [MORE]
step() {
    printf '{"created":"%s","created_by":"%s"%s}' $created "$1" "${2-}"
}

# image NAME COMMAND DIFF-IDS LAYERS HISTORY: adds an image to the layout; its descriptor goes into a variable.
image() {
    {
        printf '{"created":"%s",%s,"os":"linux","config":{"Env":["PATH=%s"],"Cmd":[%s]},' \
            $created "$platform" $path "$2"
        printf '"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' "$3" "$5"
    } > config.json
    config=$(store config.json)
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{%s},"layers":[%s]}' \
        "$(descriptor config.v1+json "$config")" "$4" > manifest.json
    manifest=$(store manifest.json)
    name=docker.io/library/$1:latest
    entry=$(printf '{%s,"annotations":{"io.containerd.image.name":"%s"},"platform":{%s,"os":"linux"}}' \
        "$(descriptor manifest.v1+json "$manifest")" "$name" "$platform")
}

copied=$(step "COPY busybox /bin/busybox # and a link for each of its applets")
image starter '"sh"' "\"sha256:$starter_diff\"" "{$starter_layer}" \
    "$copied,$(step 'CMD [\"sh\"]' ',"empty_layer":true')"
starter=$entry
image hello '"/hello"' "\"sha256:$starter_diff\",\"sha256:$hello_diff\"" "{$starter_layer},{$hello_layer}" \
    "$copied,$(step 'COPY hello /hello'),$(step 'CMD [\"/hello\"]' ',"empty_layer":true')"
hello=$entry

printf '{"imageLayoutVersion":"1.0.0"}' > layout/oci-layout
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' \
    "$starter" "$hello" > layout/index.json

{
    echo '// Made by Plugins/Starters/make-starters.sh.'
    echo
    echo '/// The images that dsh carries in itself: an OCI layout in a tar archive, in base64.'
    printf 'let starterArchive: StaticString = "'
    pack layout | base64 -w 0
    echo '"'
} > "$output.new"
mv "$output.new" "$output"
cd /
rm -rf "$scratch"
