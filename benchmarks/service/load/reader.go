package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
)

// reader reads answers off a connection, the bodies into one place that is used again.
type reader struct {
	in   *bufio.Reader
	body []byte
}

func newReader(from io.Reader) *reader {
	return &reader{in: bufio.NewReaderSize(from, 16*1024)}
}

// answer gives the status and the body of the next answer; the body is good until the one after.
func (r *reader) answer() (int, []byte, error) {
	line, err := r.line()
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, errors.New("no HTTP/1.1 answer")
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, nil, err
	}
	length, chunked := -1, false
	for {
		line, err = r.line()
		if err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	r.body = r.body[:0]
	switch {
	case chunked:
		err = r.chunks()
	case length >= 0:
		err = r.take(length)
	default:
		err = errors.New("an answer without a length")
	}
	return status, r.body, err
}

func (r *reader) chunks() error {
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(line), 16, 32)
		if err != nil {
			return err
		}
		if err := r.take(int(size)); err != nil {
			return err
		}
		if _, err := r.line(); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}

func (r *reader) take(length int) error {
	at := len(r.body)
	r.body = append(r.body, make([]byte, length)...)
	_, err := io.ReadFull(r.in, r.body[at:])
	return err
}

func (r *reader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
