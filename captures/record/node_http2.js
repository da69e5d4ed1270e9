// HTTP/2 of Node.js: a server and a client in clear that use what its module http2 has.
//
// Needs: Debian's nodejs. `node node_http2.js serve ADDRESS PORT SITE` (a minute at most) or `node node_http2.js fetch URL`.
'use strict';
const fs = require('fs');
const http2 = require('http2');
const path = require('path');

function serve(address, port, site) {
  const server = http2.createServer({ settings: { enableConnectProtocol: true, maxConcurrentStreams: 50 } });
  server.on('session', (session) => {
    session.altsvc('h2=":8443"; ma=60', 'http://loom.example');
    session.origin('https://loom.example', 'https://cdn.loom.example');
  });
  server.on('stream', (stream, headers) => {
    const asked = headers[':path'];
    stream.on('error', () => {});
    if (headers[':method'] === 'CONNECT') {
      // A WebSocket within a stream (RFC 8441): the other side's bytes come back as they are.
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    } else if (asked === '/page') {
      stream.additionalHeaders({ ':status': 103, link: '</style.css>; rel=preload' });
      if (stream.pushAllowed) {
        stream.pushStream({ ':path': '/print.css' }, (problem, push) => {
          if (!problem) push.respondWithFile(path.join(site, 'print.css'), { 'content-type': 'text/css' });
        });
      }
      stream.respondWithFile(path.join(site, 'index.html'), { 'content-type': 'text/html' });
    } else if (asked === '/upload') {
      let size = 0;
      stream.on('data', (piece) => { size += piece.length; });
      stream.on('end', () => {
        stream.respond({ ':status': 200, 'content-type': 'text/plain' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-bytes': String(size) }));
        stream.end(`received ${size} bytes\n`);
      });
    } else if (asked === '/slow') {
      stream.respond({ ':status': 200 });
      const timer = setInterval(() => stream.write('tick\n'), 15);
      stream.on('close', () => clearInterval(timer));
    } else {
      const gone = () => { stream.respond({ ':status': 404 }); stream.end('there is no such thing\n'); };
      stream.respondWithFile(path.join(site, path.normalize(asked)), { 'cache-control': 'max-age=60' }, { onError: gone });
    }
  });
  server.listen(port, address);
  setTimeout(() => process.exit(0), 60000).unref();
}

async function fetch(url) {
  const session = http2.connect(url, { settings: { initialWindowSize: 20000 } });
  session.on('altsvc', (value) => console.log('altsvc', value));
  session.on('origin', (origins) => console.log('origin', origins));
  session.on('stream', (push, headers) => { console.log('pushed', headers[':path']); push.resume(); });
  await new Promise((done) => session.once('remoteSettings', done));
  const ask = (headers, body, patience) => new Promise((done) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let size = 0;
    let status;
    stream.on('response', (answer) => { status = answer[':status']; });
    stream.on('data', (piece) => { size += piece.length; if (size > (patience || Infinity)) stream.close(http2.constants.NGHTTP2_CANCEL); });
    stream.on('error', (problem) => console.log(problem.message));
    stream.on('close', () => { console.log(headers[':path'], status, size); done(); });
    if (body !== undefined) stream.end(body);
  });
  await ask({ ':path': '/page', cookie: 'session=42; theme=dark' });
  await Promise.all(['/api/1.json', '/style.css', '/img/warp.png', '/no/such/page'].map((one) => ask({ ':path': one })));
  await new Promise((done) => session.ping(Buffer.from('are you?'), done));
  await ask({ ':path': '/upload', ':method': 'POST', authorization: 'Bearer not-a-real-token' }, Buffer.alloc(40000, 'w'));
  // Smaller windows and a smaller table in mid-connection.
  await new Promise((done) => session.settings({ initialWindowSize: 5000, headerTableSize: 256 }, done));
  await ask({ ':path': '/print.css' });
  await ask({ ':path': '/slow' }, undefined, 20);
  await new Promise((done) => {
    const tunnel = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': '/chat', 'sec-websocket-version': '13' }, { endStream: false });
    // A masked text frame, "Hello" (RFC 6455 §5.7), and a closing one.
    tunnel.on('response', (answer) => { console.log('tunnel', answer[':status']); tunnel.write(Buffer.from('818537fa213d7f9f4d5158', 'hex')); });
    tunnel.on('data', (piece) => { console.log('echo', piece.toString('hex')); if (tunnel.writable) tunnel.end(Buffer.from('888237fa213d3412', 'hex')); });
    tunnel.on('close', done);
  });
  session.close();
}

if (process.argv[2] === 'serve') serve(process.argv[3], Number(process.argv[4]), process.argv[5]);
else fetch(process.argv[3]);
