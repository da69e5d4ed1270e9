// Answers in the shapes of HTTP/1.1 that a file server does not have: trailers, events, an end that is the connection's.
//
// Needs:  Debian's nodejs.
//
//     node http1_server.js ADDRESS PORT
const http = require("http");
const crypto = require("crypto");

function digest(bytes) {
    return crypto.createHash("sha256").update(bytes).digest("hex");
}

const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
        const body = Buffer.concat(parts);
        switch (request.url) {
        case "/upload":
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify({ received: body.length, sha256: digest(body) }));
            break;
        case "/trailers": {
            const lines = ["warp\n", "weft\n", "a line that is cut in two "];
            response.setHeader("content-type", "text/plain");
            response.setHeader("trailer", "x-lines, x-checksum");
            for (const line of lines) response.write(line);
            response.addTrailers({ "x-lines": String(lines.length), "x-checksum": digest(lines.join("")).slice(0, 16) });
            response.end();
            break;
        }
        case "/events": {
            response.setHeader("content-type", "text/event-stream");
            response.setHeader("cache-control", "no-store");
            let number = 0;
            const next = () => {
                number += 1;
                response.write(`id: ${number}\nevent: pick\ndata: {"pick": ${number}, "thread": "weft"}\n\n`);
                if (number < 4) setTimeout(next, 40); else response.end();
            };
            next();
            break;
        }
        case "/until-close":
            response.setHeader("content-type", "text/plain");
            response.write("This ends when the connection does.\n");
            response.end();
            break;
        default:
            response.statusCode = 404;
            response.end();
        }
    });
});
server.listen(Number(process.argv[3]), process.argv[2]);
