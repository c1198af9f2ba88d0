// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"

	"convscope/internal/fetch"
)

// What the tests of package device_test need from inside.

var (
	PipTable      = pipTable
	CUDATable     = cudaTable
	ParsePipTable = parsePipTable
	Intact        = intact
	Keep          = keep
	CheckFile     = checkFile
	CgroupLeft    = cgroupLeft
	UnpackRelease = unpackRelease
	InstallCUDA   = installCUDA
	UntarPlugins  = untarPlugins
	Unzip         = unzip
	ErrUnsafe     = errUnsafe
	Room          = room
	CheckOptions  = checkOptions
	ErrDamaged    = errDamaged
	Recall        = recall
	Remember      = remember
)

const CUDABelow = cudaBelow

// CheckELF runs the ELF check for this process's own machine.
func CheckELF(file []byte, machine elf.Machine) error {
	return checkELF(bytes.NewReader(file), int64(len(file)), machine)
}

// Machine is the ELF machine of this process.
var Machine = machines[runtime.GOARCH]

// FakeELF returns a shared library of one page that passes the checks and holds nothing.
func FakeELF() []byte {
	var b bytes.Buffer
	header := elf.Header64{
		Type: uint16(elf.ET_DYN), Machine: uint16(Machine), Version: uint32(elf.EV_CURRENT),
		Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1, Shentsize: 64,
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB)
	header.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	load := elf.Prog64{Type: uint32(elf.PT_LOAD), Filesz: 4096, Memsz: 4096, Align: 4096}
	_ = binary.Write(&b, binary.LittleEndian, header)
	_ = binary.Write(&b, binary.LittleEndian, load)
	b.Write(make([]byte, 4096-b.Len()))
	return b.Bytes()
}

// SetPublished makes the pip table name another plugin for a wheel.
func SetPublished(t *testing.T, id string, plugin []byte) {
	wheels := pipWheels()
	for i, w := range wheels {
		if wheelID(w) == id {
			sum := sha256.Sum256(plugin)
			wheels[i].MemberSHA256 = hex.EncodeToString(sum[:])
		}
	}
	old := pipTable
	pipTable, _ = json.Marshal(wheels)
	t.Cleanup(func() { pipTable = old })
}

// ReleaseGet runs the source of a machine's release, "" if it has none, from a server and into a directory. sum is
// what CONVSCOPE_PJRT_SHA256 says.
func ReleaseGet(t *testing.T, ctx context.Context, url, platform, sum, dir string) (source string, err error) {
	old := releases
	releases = url
	t.Cleanup(func() { releases = old })
	h := host{platform: platform, home: "/home/ada", shared: "/usr/local/lib", getenv: func(name string) string {
		return map[string]string{EnvReleaseSum: sum}[name]
	}}
	for _, s := range releaseSources(h) {
		return s.name, s.get(ctx, dir)
	}
	return "", nil
}

// CPURelease is the release that this go-xla was made with.
var CPURelease = cpuRelease

// ReleaseSums are the hashes that this program knows.
var ReleaseSums = releaseSums

// Host is a made-up machine. Its plugins are files; opening one yields the pure Go backend under the kind that was
// asked for, unless Broken has its path.
type Host struct {
	Env      map[string]string
	Dir      string // home is Dir/home, the system's libraries Dir/shared, the cache Dir/cache
	GPU      bool
	NoCache  error
	Platform string
	Broken   map[string]error
	Sources  map[Kind][]Source
	Opened   []string // what was opened: "cpu PATH OPTIONS"
}

// Source is a made-up source. Get writes the plugin; Family and Rest are as in source.
type Source struct {
	Name, ID, Family string
	Rest             time.Duration
	Get              func(dir string) error
}

func (h *Host) host() host {
	gpuNodes := filepath.Join(h.Dir, "dev", "none*")
	if h.GPU {
		gpuNodes = filepath.Join(h.Dir, "*")
	}
	platform := h.Platform
	if platform == "" {
		platform = "linux/amd64"
	}
	return host{
		getenv:   func(name string) string { return h.Env[name] },
		home:     filepath.Join(h.Dir, "home"),
		shared:   filepath.Join(h.Dir, "shared"),
		cache:    func() (string, error) { return filepath.Join(h.Dir, "cache"), h.NoCache },
		platform: platform,
		gpu:      gpu{nodes: gpuNodes, proc: h.Dir, visible: func() (string, bool) { return "", false }},
		open: func(path string, kind Kind, options string) (*opened, error) {
			rel, _ := filepath.Rel(h.Dir, path)
			h.Opened = append(h.Opened, string(kind)+" "+rel+" "+options)
			if err := h.Broken[rel]; err != nil {
				return nil, err
			}
			backend, err := gobackend.New("")
			return &opened{backend: backend, kind: kind, path: path, api: "0.115", devices: []string{"fake:0"}}, err
		},
		sources: func(_ host, kind Kind) []source {
			var all []source
			for _, s := range h.Sources[kind] {
				get := func(_ context.Context, dir string) error { return s.Get(dir) }
				all = append(all, source{name: s.Name, id: s.ID, family: s.Family, rest: s.Rest, get: get})
			}
			return all
		},
	}
}

// New is the exported New on the made-up machine.
func (h *Host) New(ctx context.Context, o Options) (*Device, error) {
	c := &choice{host: h.host(), options: o}
	return c.run(ctx)
}

// Find is the exported Find on the made-up machine.
func (h *Host) Find() []Plugin { return h.host().find() }

// RealSources lists the names of the sources that this program has for a platform.
func RealSources(platform string, kind Kind) []string {
	var names []string
	for _, s := range sources(host{platform: platform, getenv: func(string) string { return "" }}, kind) {
		names = append(names, s.name)
	}
	return names
}

// NVIDIA is the driver's traces below a directory.
type NVIDIA struct {
	Dir     string
	Visible *string
	SMI     string
}

func (n NVIDIA) gpu() gpu {
	visible := func() (string, bool) {
		if n.Visible == nil {
			return "", false
		}
		return *n.Visible, true
	}
	nodes, proc := filepath.Join(n.Dir, "dev", "nvidia*"), filepath.Join(n.Dir, "proc")
	return gpu{nodes: nodes, proc: proc, visible: visible, smi: n.SMI}
}

func (n NVIDIA) Absent() error { return n.gpu().absent() }
func (n NVIDIA) Model() string { return n.gpu().model() }
func (n NVIDIA) Driver() int   { return n.gpu().driver() }
func (n NVIDIA) Memory() int64 {
	h := host{gpu: n.gpu()}
	return h.memory(&opened{kind: GPU})()
}

// CUDAGet runs the CUDA source of a machine with that driver, in a directory.
func (n NVIDIA) CUDAGet(ctx context.Context, dir string) error {
	return cudaSources(host{platform: "linux/amd64", gpu: n.gpu()})[0].get(ctx, dir)
}

// Try runs the trial programs.
func Try(b compute.Backend) (faults []string, err error) { return try(b) }

// Operations are the names of what is tried, Expected the right values of one, and Compare what the trial says of
// others.
func Operations() (names []string) {
	for _, o := range operations {
		names = append(names, o.name)
	}
	return names
}

func Expected(name string) (values []float32) {
	for _, x := range trialValues() {
		values = append(values, float32(operationOf(name).want(float64(x))))
	}
	return values
}

func Compare(name string, values []float32) error { return operationOf(name).compare(values) }

func operationOf(name string) operation {
	return operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == name })]
}

// Tried is when the trial of a plugin's operations was recorded, or the zero time.
func Tried(plugin string) time.Time {
	path, _, err := measurementsPath(plugin)
	if err != nil || !recall(plugin, "trial", new(trial)) {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// FakeWheels is how InstallCUDA gets its wheels.
type FakeWheels = func(w fetch.Wheel, ctx context.Context, path string) error
