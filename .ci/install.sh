#!/bin/sh
# install.sh BUILD|--remove DESTDIR PREFIX LIBDIR: what `make install` and `make uninstall` do. LIBS in the
# environment: the libraries a program needs beside libouro.a.
set -eu
build=$1
prefix=$3
libdir=$4
to=$2$3
lib=$2$4
if [ "$build" = --remove ]; then
    rm -rf "$to/bin/ouro" "$to/include/ouro" "$to/share/ouro" "$lib/libouro.a" "$lib/pkgconfig/ouro.pc"
    exit
fi
mkdir -p "$to/bin" "$to/include/ouro" "$to/share/ouro" "$lib/pkgconfig"
install -m 755 "$build/ouro" "$to/bin"
install -m 644 "$build/libouro.a" "$lib"
install -m 644 include/ouro/*.h "$to/include/ouro"
cp -R configs "$to/share/ouro"
chmod -R u=rwX,go=rX "$to/share/ouro"
version=$(sed -n 's/.*OURO_VERSION "\(.*\)"/\1/p' include/ouro/version.h)
sed -e "s|@PREFIX@|$prefix|; s|@LIBDIR@|$libdir|; s|@VERSION@|$version|; s|@LIBS@|$LIBS|" src/ouro.pc.in \
    >"$lib/pkgconfig/ouro.pc"
chmod 644 "$lib/pkgconfig/ouro.pc"
echo "installed ouro $version: $to/bin/ouro, $lib/libouro.a, $to/include/ouro, $to/share/ouro/configs"
