// Load asks a server over connections that stay open, one request at a time on each, and says how long answers took.
//
// It speaks HTTP/1.1 by itself, on sockets: what it takes of a machine that it shares with the server is counted with
// the server's time in every figure, so it has to be little, and it says how much it was.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// KEY stands in a body where each request has a key of its own.
const KEY = "@@@@@@@@@@@@@@@@@@@@@@@@"

type result struct {
	Connections int            `json:"connections"`
	Requests    int            `json:"requests"`
	Seconds     float64        `json:"seconds"`
	P50         float64        `json:"p50"`
	P99         float64        `json:"p99"`
	Longest     float64        `json:"longest"`
	Statuses    map[string]int `json:"statuses"`
	Expected    int            `json:"expected"`
	Failed      string         `json:"failed,omitempty"`
	ClientCPU   float64        `json:"client_cpu"`
}

func main() {
	target := flag.String("url", "", "where to ask, `http://HOST:PORT/PATH`; of several, with commas between them, connections take one after the other")
	bodies := flag.String("bodies", "", "a `file` with a body on each line")
	connections := flag.Int("connections", 16, "how many")
	seconds := flag.Float64("seconds", 5, "how long to ask for")
	most := flag.Int("requests", 0, "end after so many `requests`, if that is before the time is over")
	warm := flag.Float64("warm", 1, "seconds before that, of which nothing is said")
	token := flag.String("token", "", "a bearer `token`")
	prefix := flag.String("keys", "", "how the key of each request begins, up to 8 characters")
	expect := flag.String("expect", "", "a `text`: in how many answers it is, is counted")
	flag.Parse()

	content, err := os.ReadFile(*bodies)
	check(err)
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	var addresses []string
	var requests [][][]byte
	for _, each := range strings.Split(*target, ",") {
		where, err := url.Parse(each)
		check(err)
		addresses = append(addresses, where.Host)
		requests = append(requests, written(where, *token, lines))
	}

	begin := time.Now().Add(time.Duration(*warm * float64(time.Second)))
	end := begin.Add(time.Duration(*seconds * float64(time.Second)))
	workers := make([]*worker, *connections)
	var all sync.WaitGroup
	for number := range workers {
		workers[number] = &worker{
			number: number, address: addresses[number%len(addresses)], begin: begin, end: end, keys: *prefix,
			expect: []byte(*expect), statuses: map[int]int{}, requests: requests[number%len(addresses)],
			most: (*most + *connections - 1) / *connections,
		}
		all.Add(1)
		go func(each *worker) {
			defer all.Done()
			each.err = each.run()
		}(workers[number])
	}
	time.Sleep(time.Until(begin))
	before := cpu()
	all.Wait()
	spent := cpu() - before

	var told histogram
	found := result{Connections: *connections, Seconds: time.Since(begin).Seconds(), Statuses: map[string]int{}, ClientCPU: spent}
	for _, each := range workers {
		told.add(&each.told)
		found.Expected += each.expected
		for status, count := range each.statuses {
			found.Statuses[fmt.Sprint(status)] += count
			found.Requests += count
		}
		if each.err != nil {
			found.Failed = each.err.Error()
		}
	}
	found.P50, found.P99, found.Longest = told.at(0.5), told.at(0.99), told.at(1)
	check(json.NewEncoder(os.Stdout).Encode(found))
	if found.Failed != "" {
		os.Exit(1)
	}
}

// written gives whole requests, heads and bodies.
func written(where *url.URL, token string, bodies [][]byte) [][]byte {
	found := make([][]byte, len(bodies))
	for at, body := range bodies {
		var head strings.Builder
		fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n", where.RequestURI(), where.Host)
		if token != "" {
			fmt.Fprintf(&head, "Authorization: Bearer %s\r\n", token)
		}
		fmt.Fprintf(&head, "Content-Length: %d\r\n\r\n", len(body))
		found[at] = append([]byte(head.String()), body...)
	}
	return found
}

type worker struct {
	number     int
	address    string
	begin, end time.Time
	keys       string
	expect     []byte
	requests   [][]byte
	most       int
	told       histogram
	statuses   map[int]int
	expected   int
	err        error
}

func (w *worker) run() error {
	connection, err := net.Dial("tcp", w.address)
	if err != nil {
		return err
	}
	defer connection.Close()
	in := newReader(connection)
	var request []byte
	for count := 0; w.most == 0 || count < w.most; count++ {
		request = append(request[:0], w.requests[(w.number*7919+count)%len(w.requests)]...)
		if w.keys != "" {
			if place := bytes.Index(request, []byte(KEY)); place >= 0 {
				copy(request[place:], fmt.Sprintf("%-8.8s-%05d-%09d", w.keys, w.number, count))
			}
		}
		asked := time.Now()
		if asked.After(w.end) {
			return nil
		}
		if _, err := connection.Write(request); err != nil {
			return err
		}
		status, answer, err := in.answer()
		if err != nil {
			return fmt.Errorf("after %d answers: %w", count, err)
		}
		if answered := time.Now(); asked.After(w.begin) {
			w.told.note(answered.Sub(asked))
			w.statuses[status]++
			if len(w.expect) > 0 && bytes.Contains(answer, w.expect) {
				w.expected++
			}
		}
	}
	return nil
}

func cpu() float64 {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(used.Utime) + seconds(used.Stime)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
