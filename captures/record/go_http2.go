// A small HTTP/2 server and client from Go's standard library, which speak it only over TLS.
//
// Needs: Debian's golang-go; no module. `go run go_http2.go serve ADDRESS SITE CERT KEY` or `go run go_http2.go fetch ADDRESS`,
// where ADDRESS is where to connect to; every request names loom.example. The server ends by itself after a minute.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	} else {
		fetchAll(os.Args[2])
	}
}

func serve(address, site, cert, key string) {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(site)))
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		// Hints before the answer, and a push for whoever allows it.
		w.Header().Set("Link", "</style.css>; rel=preload; as=style")
		w.WriteHeader(http.StatusEarlyHints)
		if pusher, ok := w.(http.Pusher); ok {
			_ = pusher.Push("/print.css", nil)
		}
		time.Sleep(10 * time.Millisecond)
		http.ServeFile(w, r, site+"/api/1.json")
	})
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Bytes")
		size, _ := io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "received %d bytes, trailer %q\n", size, r.Trailer.Get("X-Sum"))
		w.Header().Set("X-Bytes", fmt.Sprint(size))
	})
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no", http.StatusForbidden) // without reading the request's content
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for line := 0; line < 50; line++ {
			fmt.Fprintf(w, "line %d\n", line)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	server := &http.Server{Addr: address, Handler: mux}
	time.AfterFunc(60*time.Second, func() { os.Exit(0) })
	log.Fatal(server.ListenAndServeTLS(cert, key))
}

func fetchAll(address string) {
	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	base := "https://loom.example"
	get := func(path string) {
		response, err := client.Get(base + path)
		if err != nil {
			fmt.Println(path, err)
			return
		}
		size, err := io.Copy(io.Discard, response.Body)
		response.Body.Close()
		fmt.Println(response.Proto, path, response.StatusCode, size, err)
	}
	get("/page")
	var all sync.WaitGroup
	for _, path := range []string{"/api/1.json", "/style.css", "/print.css", "/img/warp.png", "/no/such/page"} {
		path := path
		all.Add(1)
		go func() { get(path); all.Done() }()
	}
	all.Wait()
	// An upload of unknown length with a trailer.
	request, _ := http.NewRequest("POST", base+"/upload", io.MultiReader(strings.NewReader("some "), bytes.NewReader(make([]byte, 20000))))
	request.Trailer = http.Header{"X-Sum": nil}
	request.Body = &withTrailer{request.Body, request}
	if response, err := client.Do(request); err == nil {
		text, _ := io.ReadAll(response.Body)
		fmt.Printf("%d %s %v\n", response.StatusCode, bytes.TrimSpace(text), response.Trailer)
		response.Body.Close()
	} else {
		fmt.Println(err)
	}
	// One with an expectation, and one that is refused before it was read.
	request, _ = http.NewRequest("PUT", base+"/upload", bytes.NewReader(make([]byte, 3000)))
	request.Header.Set("Expect", "100-continue")
	if response, err := client.Do(request); err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		fmt.Println(response.StatusCode)
	}
	if response, err := client.Post(base+"/refuse", "image/png", bytes.NewReader(make([]byte, 60000))); err == nil {
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		fmt.Println(response.StatusCode)
	} else {
		fmt.Println(err)
	}
	// A request whose caller loses patience.
	ctx, cancel := context.WithTimeout(context.Background(), 130*time.Millisecond)
	request, _ = http.NewRequestWithContext(ctx, "GET", base+"/slow", nil)
	if response, err := client.Do(request); err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		fmt.Println("slow:", err)
	}
	cancel()
	get("/api/2.json")
	transport.CloseIdleConnections()
	time.Sleep(100 * time.Millisecond)
}

// Sets the request's trailer when its content has been read.
type withTrailer struct {
	io.ReadCloser
	request *http.Request
}

func (body *withTrailer) Read(into []byte) (int, error) {
	count, err := body.ReadCloser.Read(into)
	if err == io.EOF {
		body.request.Trailer.Set("X-Sum", "none")
	}
	return count, err
}
