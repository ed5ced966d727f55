package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is what a client sends: one of the requests at random, over and over.
type load struct {
	requests    [][]byte
	connections int
	round       time.Duration
}

// figures of a round.
type figures struct {
	rate     float64 // requests a second
	p50, p99 time.Duration
	requests int
	bytes    int64
}

// request is a request as it goes over the wire.
func request(path, clientID, secret, body string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: weft\r\nContent-Type: application/json\r\nPLAID-CLIENT-ID: %s\r\nPLAID-SECRET: %s\r\nPlaid-Version: 2020-09-14\r\nContent-Length: %d\r\n\r\n%s",
		path, clientID, secret, len(body), body)
}

// measure drives a server for a round.
func measure(ctx context.Context, address string, l load) (figures, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var all []time.Duration
	var failed error
	var read int64
	start := time.Now()
	for n := range l.connections {
		wg.Go(func() {
			took, bytes, err := drive(ctx, address, l, start.Add(l.round), uint64(n))
			mu.Lock()
			defer mu.Unlock()
			all, read = append(all, took...), read+bytes
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	whole := time.Since(start)
	if failed != nil || len(all) == 0 {
		return figures{}, fmt.Errorf("%s: %w", address, failed)
	}
	slices.Sort(all)
	return figures{float64(len(all)) / whole.Seconds(), all[len(all)/2], all[len(all)*99/100], len(all), read}, nil
}

// drive sends requests over one connection, one after the other.
func drive(ctx context.Context, address string, l load, until time.Time, seed uint64) (took []time.Duration, read int64, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	choose := rand.New(rand.NewPCG(seed, 1))
	in := bufio.NewReaderSize(conn, 64<<10)
	took = make([]time.Duration, 0, 1<<14)
	for begun := time.Now(); begun.Before(until); {
		if _, err := conn.Write(l.requests[choose.IntN(len(l.requests))]); err != nil {
			return took, read, err
		}
		n, err := answer(in, nil)
		if err != nil {
			return took, read, err
		}
		now := time.Now()
		took, read, begun = append(took, now.Sub(begun)), read+n, now
	}
	return took, read, nil
}

var (
	okLine       = []byte("HTTP/1.1 200 ")
	lengthHeader = []byte("Content-Length: ")
)

// answer reads an answer, and gives its body to a writer if there is one. It must be a success with a length, as net/http sends.
func answer(in *bufio.Reader, body io.Writer) (n int64, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(line, okLine) {
		return 0, fmt.Errorf("the answer is %q", line)
	}
	length := int64(-1)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, lengthHeader); ok {
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, fmt.Errorf("the answer has no length")
	}
	if body == nil {
		_, err = in.Discard(int(length))
		return length, err
	}
	return io.CopyN(body, in, length)
}

// once sends one request and returns the answer's body.
func once(ctx context.Context, address string, request []byte) ([]byte, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	_, err = answer(bufio.NewReader(conn), &body)
	return body.Bytes(), err
}
