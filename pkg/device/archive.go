// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// What an archive may hold at most: a plugin has 200 MB, NVIDIA's largest library 600.
const (
	mostUnpacked = 4 << 30 // bytes, of all files together
	mostMembers  = 10_000
)

// errUnsafe says that an archive would write where it shouldn't, or without end.
var errUnsafe = errors.New("unsafe archive")

// unpacking writes the files of one archive below a directory, which no name and no link leads out of. Links of the
// archive are not made.
type unpacking struct {
	root    *os.Root
	bytes   int64
	members int
}

func unpackInto(dir string, use func(u *unpacking) error) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return use(&unpacking{root: root})
}

// count bounds the members of the archive, and refuses a name that leads out of the directory.
func (u *unpacking) count(name string) error {
	if u.members++; u.members > mostMembers {
		return fmt.Errorf("%w: more than %d members", errUnsafe, mostMembers)
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("%w: it has a member called %q", errUnsafe, name)
	}
	return nil
}

// write makes one file, with the directories above it, in the place of what an interrupted unpacking left there.
func (u *unpacking) write(name string, mode fs.FileMode, contents io.Reader) error {
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := u.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(contents, mostUnpacked-u.bytes+1))
	if u.bytes += n; err == nil && u.bytes > mostUnpacked {
		err = fmt.Errorf("%w: more than %d bytes", errUnsafe, int64(mostUnpacked))
	}
	return errors.Join(err, file.Close())
}

// untarPlugins takes the plugins for the CPU out of a .tar.gz, and puts them into dir, each under its own name.
func untarPlugins(archive, dir string) (files []string, err error) {
	file, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	all := &io.LimitedReader{R: unzipped, N: mostUnpacked}
	err = unpackInto(dir, func(u *unpacking) error {
		for members := tar.NewReader(all); ; {
			header, err := members.Next()
			switch {
			case err == io.EOF:
				return nil
			case err != nil && all.N <= 0:
				return fmt.Errorf("%w: more than %d bytes", errUnsafe, int64(mostUnpacked))
			case err != nil:
				return err
			}
			if err := u.count(header.Name); err != nil {
				return err
			}
			file := path.Base(header.Name)
			if name, is := pluginName(file); header.Typeflag != tar.TypeReg || !is || !named("cpu")(name) {
				continue
			}
			if err := u.write(file, 0o644, members); err != nil {
				return err
			}
			files = append(files, file)
		}
	})
	return files, err
}

// unzip takes the regular files of a zip file out and puts them into dir, each under the name that rename gives it, ""
// for none. Those in a directory called bin can be executed.
func unzip(archive, dir string, rename func(name string) string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	return unpackInto(dir, func(u *unpacking) error {
		for _, f := range z.File {
			name := rename(path.Clean(f.Name))
			if name == "" || !f.Mode().IsRegular() {
				continue
			}
			if err := u.count(name); err != nil {
				return err
			}
			mode := fs.FileMode(0o644)
			if path.Base(path.Dir(name)) == "bin" {
				mode = 0o755
			}
			contents, err := f.Open()
			if err != nil {
				return err
			}
			if err := errors.Join(u.write(name, mode, contents), contents.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}
