#!/bin/sh
# Makes an authority that nobody trusts, and a certificate of it for localhost, with keys that guard nothing:
# the tests of `picklebook fetch` run a server with them. The authority's own key is not kept.
set -e
cd "$(dirname "$0")"
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $key -days 36500 -subj "/CN=Authority of the tests" -keyout authority.key -out authority.pem \
    -addext "keyUsage=critical,keyCertSign"
openssl req $key -subj "/CN=localhost" -keyout server.key -out server.csr
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' > server.ext
openssl x509 -req -days 36500 -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
    -extfile server.ext -out server.pem
rm -f authority.key authority.srl server.csr server.ext
