// Witness reads an export with libraries of others: signatures, tiles, entries, and proofs that agpc has made.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	formats "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Question is what agpc claims.
type Question struct {
	Directory string
	VKey      string
	SKey      string
	Text      string
	Signed    string
	Entries   [][]byte
	Inclusion []struct {
		Index, Size uint64
		Root        []byte
		Path        [][]byte
	}
	Consistency []struct {
		Old, New     uint64
		Before, Root []byte
		Path         [][]byte
	}
}

func main() {
	log.SetFlags(0)
	var q Question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		log.Fatal(err)
	}
	if err := answer(q); err != nil {
		log.Fatal(err)
	}
}

func answer(q Question) error {
	signer, err := note.NewSigner(q.SKey)
	if err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: q.Text}, signer)
	if err != nil {
		return err
	}
	if string(signed) != q.Signed {
		return fmt.Errorf("another note: %q", signed)
	}
	for _, each := range q.Inclusion {
		leaf := rfc6962.DefaultHasher.HashLeaf(q.Entries[each.Index])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, each.Index, each.Size, leaf, each.Path, each.Root); err != nil {
			return fmt.Errorf("inclusion of %d in %d: %w", each.Index, each.Size, err)
		}
	}
	for _, each := range q.Consistency {
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, each.Old, each.New, each.Path, each.Before, each.Root); err != nil {
			return fmt.Errorf("consistency of %d with %d: %w", each.Old, each.New, err)
		}
	}
	return readDirectory(q)
}

func readDirectory(q Question) error {
	verifier, err := note.NewVerifier(q.VKey)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(q.Directory, "checkpoint"))
	if err != nil {
		return err
	}
	checkpoint, _, _, err := formats.ParseCheckpoint(raw, verifier.Name(), verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	size := checkpoint.Size
	tree := tlog.Tree{N: int64(size)}
	copy(tree.Hash[:], checkpoint.Hash)
	reader := tlog.TileHashReader(tree, tiles(q.Directory))
	var entries [][]byte
	for index := uint64(0); index*layout.EntryBundleWidth < size; index++ {
		path := layout.EntriesPath(index, layout.PartialTileSize(0, index, size))
		data, err := os.ReadFile(filepath.Join(q.Directory, path))
		if err != nil {
			return err
		}
		var bundle api.EntryBundle
		if err := bundle.UnmarshalText(data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		entries = append(entries, bundle.Entries...)
	}
	if uint64(len(entries)) != size || len(entries) != len(q.Entries) {
		return fmt.Errorf("%d entries of %d", len(entries), size)
	}
	for index, entry := range entries {
		if !bytes.Equal(entry, q.Entries[index]) {
			return fmt.Errorf("entry %d is another one", index)
		}
		found, err := tlog.ProveRecord(tree.N, int64(index), reader)
		if err != nil {
			return fmt.Errorf("tiles at %d: %w", index, err)
		}
		if err := tlog.CheckRecord(found, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	fmt.Printf("%s: %d entries", checkpoint.Origin, size)
	return nil
}

// tiles reads hashes from the files of an export; their paths have no height, as there is one alone.
type tiles string

func (t tiles) Height() int { return layout.TileHeight }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, each := range wanted {
		path := strings.Replace(each.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(t), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
