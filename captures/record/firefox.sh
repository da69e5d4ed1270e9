#!/usr/bin/env bash
# Records firefox.pcapng: Firefox loading a page with style sheets, scripts, a font and pictures from nghttpd.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common firefox-esr libnss3-tools nghttp2-server openssl
# Makes:  captures/firefox.pcapng (Ethernet, recorded at the client). Firefox speaks HTTP/2 only over TLS, so a relay beside it takes that off, and the wire
#         is clear; its namespace reaches nothing but that wire. Twenty seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 10
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
truncate -s 12000 "$work_dir/site/font.woff2"
cat >"$work_dir/site/page.html" <<'END'
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The loom</title>
<link rel="preload" href="/font.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/print.css">
<script src="/first.js"></script>
<script src="/later.js" defer></script>
</head>
<body>
<h1>The loom</h1>
<img src="/img/shuttle.png" alt="a shuttle" fetchpriority="high">
<img src="/img/warp.png" alt="a warp">
<div style="height: 4000px"></div>
<img src="/img/warp.png?far" alt="a warp far below" fetchpriority="low">
</body>
</html>
END
echo 'document.cookie = "theme=dark";' >"$work_dir/site/first.js"
cat >"$work_dir/site/later.js" <<'END'
fetch('/api/1.json').then((answer) => answer.json());
const long = new AbortController();
fetch('/app.js', {signal: long.signal}).then(() => long.abort()).catch(() => {});
END
chmod 644 "$work_dir"/site/*.*
make_certificate
# Firefox takes no certificate that is its own authority: the one from above signs another.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=loom.example -keyout "$work_dir/leaf.key" -out "$work_dir/leaf.csr" 2>/dev/null
printf 'subjectAltName=DNS:loom.example\nbasicConstraints=CA:FALSE\n' >"$work_dir/leaf.ext"
openssl x509 -req -in "$work_dir/leaf.csr" -CA "$work_dir/cert.pem" -CAkey "$work_dir/key.pem" -CAcreateserial -days 30 -extfile "$work_dir/leaf.ext" \
    -out "$work_dir/leaf.pem" 2>/dev/null
profile="$work_dir/profile"
mkdir -p "$profile" "$work_dir/home"
certutil -N -d "sql:$profile" --empty-password
certutil -A -d "sql:$profile" -n loom -t 'CT,,' -i "$work_dir/cert.pem"
cat >"$profile/user.js" <<'END'
user_pref("network.dns.forceResolve", "127.0.0.1");
user_pref("network.manage-offline-status", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.http.speculative-parallel-limit", 0);
user_pref("toolkit.telemetry.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
END
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
client_start "$PYTHON" "$record_dir/tls_relay.py" take-off 127.0.0.1:8443 192.0.2.2:8080 --cert "$work_dir/leaf.pem" --key "$work_dir/leaf.key"
client_listens_on 8443
capture_start firefox.pcapng wire0 'tcp port 8080'
in_client env HOME="$work_dir/home" MOZ_DISABLE_CONTENT_SANDBOX=1 timeout 40 firefox-esr --headless --no-remote --profile "$profile" \
    --window-size=800,600 --screenshot "$work_dir/page.png" https://loom.example:8443/page.html >"$work_dir/firefox.log" 2>&1 || tail -5 "$work_dir/firefox.log"
capture_stop
