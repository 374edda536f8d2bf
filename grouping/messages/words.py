"""The words that the classes of `messages` know: data, nothing else."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORD_NUMBERS = _words(
    """
    utf8 utf-8 utf16 utf-16 utf-16le utf-16be utf32 utf-32 utf8mb3 utf8mb4 ucs2 ucs-2 latin1 latin-1 iso-8859-1
    iso-8859-15 cp1252 windows-1252 ascii7 md5 sha1 sha-1 sha2 sha224 sha256 sha-256 sha384 sha-384 sha512 sha-512 sha3
    base16
    base32 base58 base62 base64 base85 http1 http2 http3 h2 h2c h3 tls1 ssl2 ssl3 oauth1 oauth2 oidc2 s3 ec2
    k8s i18n l10n a11y e2e p2p b2b b2c ipv4 ipv6 ip4 ip6 inet6 x86 x64 x86_64 x86-64 amd64 arm64 aarch64 i386 i686 win32
    win64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 i8 i16 i32 i64
    u8 u16 u32 u64 f32 f64
    python2 python3 py2 py3 pip3 es5 es6 es2015 vue2 vue3 html5 css3 web3 mp3 mp4 h264 h265 mpeg4 jpeg2000 log4j slf4j
    psycopg2 psycopg3 jinja2 urllib3 boto3 botocore2 sqlite3 mysql2 mysql5 neo4j bz2 lz4 zlib1 gzip2 7zip aes128 aes256
    aes-128 aes-256 rs256 rs384 rs512 es256 es384 hs256 hs384 hs512 rsa2048 ed25519 x509 x25519 pkcs1 pkcs7 pkcs8 pkcs12
    p12 pbkdf2 argon2 rfc3339 iso8601 iso-8601 rfc822 utc0 2fa 3d 2d 4k oauth2.0 http/1.0 http/1.1 http/2 http/2.0
    http/3 tls1.0 tls1.1 tls1.2 tls1.3 tlsv1 tlsv1.1 tlsv1.2 tlsv1.3 sslv2 sslv3 layer2 layer3 nf4 wd40 wasm32 wasm64
    d3 p5 g20
    """
)
"""Words that have a number in them and mean the same every time."""

SEMANTIC_WORDS = _words(
    """
    status code statuscode status_code http response responsecode response_code errno error errorcode error_code
    exitcode exit_code exitstatus exit_status signal winerror sqlstate ora httpstatus http_status http_code
    """
)
"""A short number directly after one of these tells what went wrong, so it is kept."""

DURATION_UNITS = _words(
    """
    ns us µs μs ms msec msecs millis millisecond milliseconds s sec secs second seconds min mins minute minutes
    h hr hrs hour hours d day days week weeks microseconds nanoseconds
    """
)
SIZE_UNITS = _words("b kb mb gb tb pb kib mib gib tib byte bytes kilobytes megabytes gigabytes")

HOST_ENDINGS = _words(
    """
    com org net edu gov mil info biz app dev cloud tech shop online site xyz eu uk de fr nl es pl ch se no dk fi cz ru
    ua us ca br mx ar au nz jp cn kr tw hk sg id za tr gr pt ro hu ie be local internal localdomain lan corp intranet
    """
)
"""Last labels that make a dotted name a host."""
DOUBTFUL_HOST_ENDINGS = _words("io ai co me tv cc it at in to is so sh rs py pl svc cluster arpa")
"""Last labels that also end module and file names: they make a host only of three labels or more."""

SOURCE_ENDINGS = _words(
    """
    py pyx pyi js jsx ts tsx mjs cjs vue svelte rb erb rake java kt kts scala groovy clj go rs c cc cpp cxx h hpp hxx m
    mm
    swift dart php phtml twig blade cs vb fs ex exs erl hs lua pl pm r jl sql html htm jinja j2 css scss less
    """
)
"""File endings of source code: such a file's base name is kept, for it says where."""

FILE_ROOTS = _words(
    """
    tmp var home usr etc opt srv app root mnt media private users data dev proc sys run lib lib64 bin sbin workspace
    builds build volumes library applications system storage sdcard code site repo work nix
    """
)
"""First segments that make a path one of a file system rather than of a web address."""
