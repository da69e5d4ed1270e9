#!/usr/bin/env bash
# Records java-http2.pcapng: the JDK's HttpClient asking Jetty (it begins in HTTP/1.1 and upgrades), then nghttp asking Jetty and Netty.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common default-jdk-headless libjetty9-java libjetty9-extra-java libnetty-java nghttp2-client
# Makes:  captures/java-http2.pcapng (Ethernet, recorded at the client). Twenty seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

jars=$(printf '%s:' /usr/share/java/jetty9-{server,http,io,util,http2-server,http2-common,http2-hpack}.jar /usr/share/java/servlet-api.jar \
    /usr/share/java/netty-{common,buffer,transport,resolver,handler,codec,codec-http,codec-http2}.jar)
mkdir "$work_dir/classes"
javac -cp "$jars" -d "$work_dir/classes" "$record_dir/java/JavaHttp2.java"
wire_up --delay-ms 8 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start java -cp "$work_dir/classes:$jars" JavaHttp2 serve 192.0.2.2 "$work_dir/site"
server_listens_on 8080
server_listens_on 8081
capture_start java-http2.pcapng wire0 'tcp port 8080 or tcp port 8081'
in_client timeout 40 java -cp "$work_dir/classes:$jars" JavaHttp2 fetch http://192.0.2.2:8080
in_client timeout 20 nghttp -n http://192.0.2.2:8080/page http://192.0.2.2:8080/api/4.json
in_client timeout 20 nghttp -n -d "$work_dir/site/print.css" http://192.0.2.2:8081/one http://192.0.2.2:8081/two
capture_stop
