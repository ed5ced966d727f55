package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/seal"
)

// opens reports whether what one key sealed is opened by another.
func opens(t *testing.T, sealed, opened *seal.Keys) bool {
	t.Helper()
	plain, err := opened.Open(mustSeal(t, sealed, "value", at), at)
	return err == nil && string(plain) == "value" && sealed.Hash("kind", "secret") == opened.Hash("kind", "secret")
}

func TestCreateAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "weft.key")
	if _, err := seal.Load(path); !errors.Is(err, seal.ErrNoKeyFile) || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: got %v", err)
	}
	made, err := seal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v; want %v", p, info.Mode().Perm(), err, want)
		}
	}
	loaded, err := seal.Load(path)
	if err != nil || !opens(t, made, loaded) {
		t.Errorf("what Create made is not what Load reads: %v", err)
	}
	content := read(t, path)
	if again, err := seal.Create(path); err == nil || again != nil || !errors.Is(err, os.ErrExist) {
		t.Errorf("a second Create: %v, %v", again, err)
	}
	if !bytes.Equal(read(t, path), content) {
		t.Error("a second Create has overwritten the key: what is sealed is lost")
	}
	fromText, err := seal.FromText(base64.StdEncoding.EncodeToString(content))
	if err != nil || !opens(t, made, fromText) {
		t.Errorf("FromText does not read what the file has: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("beside the key: %v, %v", entries, err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A link that lies in wait is not followed.
func TestCreateNeverFollowsALink(t *testing.T) {
	dir := t.TempDir()
	target, path := filepath.Join(dir, "target"), filepath.Join(dir, "weft.key")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		t.Error("the key was written through a link")
	}
}

func TestCreateTellsWhatIsInTheWay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Create(filepath.Join(file, "weft.key")); err == nil || !strings.HasPrefix(err.Error(), "key file: ") {
		t.Errorf("a file where the folder should be: got %v", err)
	}
	if _, err := seal.Load(t.TempDir()); err == nil || errors.Is(err, seal.ErrNoKeyFile) {
		t.Errorf("a folder where the file should be: got %v", err)
	}
	// What exists but cannot be reached is not a missing key, which would be made anew.
	if _, err := seal.Load(filepath.Join(file, "weft.key")); err == nil || errors.Is(err, seal.ErrNoKeyFile) {
		t.Errorf("a path through a file: got %v", err)
	}
}

func TestLoadRefusesWhatOthersCanRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weft.key")
	if _, err := seal.Create(path); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o666, 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(path); err == nil || !strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), path) {
			t.Errorf("mode %o: got %v", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400, 0o700} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(path); err != nil {
			t.Errorf("mode %o: got %v", mode, err)
		}
	}
}

// edited is a good key file with one of its fields changed.
func edited(t *testing.T, edit func(map[string]any)) []byte {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(content, &f); err != nil {
		t.Fatal(err)
	}
	edit(f)
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBrokenKeysAreRefused(t *testing.T) {
	good := edited(t, func(map[string]any) {})
	mustParse(t, good)
	notAKey, version, keyset := "the key is not a Weft key file", "version 1", "the key file's keyset cannot be read"
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":          {nil, notAKey},
		"text":           {[]byte("secret"), notAKey},
		"cut":            {good[:len(good)-10], notAKey},
		"two":            {append(bytes.Clone(good), good...), notAKey},
		"null":           {[]byte("null"), version},
		"object":         {[]byte("{}"), version},
		"version 2":      {edited(t, func(f map[string]any) { f["version"] = 2 }), version},
		"short hash":     {edited(t, func(f map[string]any) { f["hash"] = "AAAA" }), version},
		"no hash":        {edited(t, func(f map[string]any) { delete(f, "hash") }), version},
		"no keyset":      {edited(t, func(f map[string]any) { delete(f, "keyset") }), keyset},
		"empty keyset":   {edited(t, func(f map[string]any) { f["keyset"] = map[string]any{} }), keyset},
		"other keyset":   {edited(t, func(f map[string]any) { f["keyset"] = "text" }), keyset},
		"no primary key": {edited(t, func(f map[string]any) { f["keyset"].(map[string]any)["primaryKeyId"] = 1 }), "the key file's keyset cannot be"},
		"cut key": {edited(t, func(f map[string]any) {
			key := f["keyset"].(map[string]any)["key"].([]any)[0].(map[string]any)
			key["keyData"].(map[string]any)["value"] = "GhA="
		}), "the key file's keyset cannot be"},
	} {
		path := filepath.Join(t.TempDir(), "weft.key")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, loadErr := seal.Load(path)
		_, textErr := seal.FromText(base64.StdEncoding.EncodeToString(c.content))
		for how, err := range map[string]error{"file": loadErr, "text": textErr} {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "'s'") || errors.Is(err, seal.ErrNoKeyFile) {
				t.Errorf("%s as %s: got %v, want %q", name, how, err, c.want)
			}
		}
		if loadErr != nil && !strings.Contains(loadErr.Error(), path) {
			t.Errorf("%s: %v does not say which file", name, loadErr)
		}
		if !bytes.Equal(read(t, path), c.content) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// WEFT_KEY is pasted: the space around it, and the line breaks that base64 prints, are not part of it.
func TestFromText(t *testing.T) {
	content := edited(t, func(map[string]any) {})
	want, text := mustParse(t, content), base64.StdEncoding.EncodeToString(content)
	for name, given := range map[string]string{
		"plain": text, "line end": text + "\n", "space": " \t" + text + " \r\n", "wrapped": text[:76] + "\n" + text[76:] + "\n",
	} {
		if got, err := seal.FromText(given); err != nil || !opens(t, want, got) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, given := range []string{"", " ", "!", text[:len(text)-1] + "!", text[1:], string(content)} {
		if _, err := seal.FromText(given); err == nil || !strings.HasPrefix(err.Error(), "WEFT_KEY: the key is not") {
			t.Errorf("%.20q: got %v", given, err)
		}
	}
}

// No error shows what the key is.
func TestErrorsDoNotShowTheKey(t *testing.T) {
	content := edited(t, func(f map[string]any) { f["version"] = 9 })
	_, err := seal.FromText("x" + base64.StdEncoding.EncodeToString(content))
	_, err2 := seal.Parse(content)
	_, err3 := seal.Parse(content[1:])
	for _, e := range []error{err, err2, err3} {
		if e == nil || len(e.Error()) > 120 {
			t.Errorf("got %v", e)
		}
	}
}
