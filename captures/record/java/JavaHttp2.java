import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.PushBuilder;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;

/**
 * HTTP/2 in Java: Jetty and Netty as servers in clear, and the JDK's own client, which upgrades from HTTP/1.1.
 *
 * <p>Needs: Debian's default-jdk-headless, libjetty9-java, libjetty9-extra-java, libnetty-java; java_http2.sh names the class path.
 * {@code JavaHttp2 serve ADDRESS SITE} listens on 8080 (Jetty) and 8081 (Netty), a minute at most; {@code JavaHttp2 fetch URL} asks.
 */
public class JavaHttp2 {
    public static void main(String[] words) throws Exception {
        if (words[0].equals("serve")) {
            jetty(words[1], Path.of(words[2]));
            netty(words[1]);
            Thread.sleep(60_000);
            System.exit(0);
        }
        fetch(words[1]);
    }

    static void jetty(String address, Path site) throws Exception {
        Server server = new Server();
        HttpConfiguration plain = new HttpConfiguration();
        ServerConnector connector =
            new ServerConnector(server, new HttpConnectionFactory(plain), new HTTP2CServerConnectionFactory(plain));
        connector.setHost(address);
        connector.setPort(8080);
        server.addConnector(connector);
        server.setHandler(new AbstractHandler() {
            @Override
            public void handle(String target, Request base, HttpServletRequest request, HttpServletResponse response) throws IOException {
                base.setHandled(true);
                if (target.equals("/page")) {
                    PushBuilder push = base.getPushBuilder();
                    if (push != null) {
                        push.path("/print.css").push();
                    }
                    target = "/index.html";
                }
                if (target.equals("/upload")) {
                    long size = request.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                    response.getWriter().println("received " + size + " bytes");
                } else if (target.equals("/slow")) {
                    for (int line = 0; line < 40; line++) {
                        response.getOutputStream().println("line " + line);
                        response.flushBuffer();
                        try {
                            Thread.sleep(20);
                        } catch (InterruptedException stopped) {
                            return;
                        }
                    }
                } else {
                    Path file = site.resolve(target.substring(1)).normalize();
                    if (!file.startsWith(site) || !Files.isRegularFile(file)) {
                        response.sendError(404);
                        return;
                    }
                    response.setContentLengthLong(Files.size(file));
                    Files.copy(file, response.getOutputStream());
                }
            }
        });
        server.start();
    }

    /** Echoes the size of each request's content, with trailers. */
    @Sharable
    static class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            boolean end = message instanceof Http2HeadersFrame headers ? headers.isEndStream()
                : message instanceof Http2DataFrame data && data.isEndStream();
            ReferenceCountUtil.release(message);
            if (end) {
                context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200").set("server", "netty").set("content-type", "text/plain")));
                context.write(new DefaultHttp2DataFrame(Unpooled.copiedBuffer("over and under ".repeat(300), StandardCharsets.UTF_8)));
                context.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().set("x-woven", "yes"), true));
            }
        }
    }

    static void netty(String address) throws Exception {
        NioEventLoopGroup group = new NioEventLoopGroup(1);
        new ServerBootstrap().group(group).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(new Echo()));
            }
        }).bind(new InetSocketAddress(address, 8081)).sync();
    }

    static void fetch(String base) throws Exception {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).connectTimeout(Duration.ofSeconds(5)).build();
        // The first request is made in HTTP/1.1 and asks for the upgrade.
        say(client.send(ask(base, "/api/1.json").build(), BodyHandlers.ofString()));
        List<CompletableFuture<Void>> all = List.of("/api/2.json", "/style.css", "/print.css", "/img/warp.png", "/no/such/page").stream()
            .map(path -> client.sendAsync(ask(base, path).build(), BodyHandlers.ofByteArray()).thenAccept(JavaHttp2::say)).toList();
        all.forEach(CompletableFuture::join);
        var pushed = new ConcurrentHashMap<HttpRequest, CompletableFuture<HttpResponse<String>>>();
        say(client.sendAsync(ask(base, "/page").build(), BodyHandlers.ofString(),
            HttpResponse.PushPromiseHandler.of(request -> BodyHandlers.ofString(), pushed)).join());
        pushed.values().forEach(one -> say(one.join()));
        say(client.send(ask(base, "/upload").header("content-type", "application/octet-stream").POST(BodyPublishers.ofByteArray(new byte[40_000])).build(),
            BodyHandlers.ofString()));
        // Given up while the answer still comes.
        var slow = client.sendAsync(ask(base, "/slow").build(), BodyHandlers.ofInputStream()).join();
        slow.body().readNBytes(20);
        slow.body().close();
        say(client.send(ask(base, "/api/3.json").build(), BodyHandlers.ofString()));
    }

    static HttpRequest.Builder ask(String base, String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(10)).header("accept", "*/*");
    }

    static void say(HttpResponse<?> response) {
        System.out.println(response.version() + " " + response.uri().getPath() + " " + response.statusCode());
    }
}
