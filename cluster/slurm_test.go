// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// settings are slurm.conf: a controller and one node on this machine, which need neither root nor munge. The node says
// that it has more than it has, so that the ready file's tasks fit any machine.
const settings = `ClusterName=gallery
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=%[1]d
SlurmdPort=%[2]d
SlurmUser=%[3]s
SlurmdUser=%[3]s
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
PluginDir=%[4]s
StateSaveLocation=%[5]s/state
SlurmdSpoolDir=%[5]s/spool
SlurmctldPidFile=%[5]s/slurmctld.pid
SlurmdPidFile=%[5]s/slurmd.pid
SlurmctldLogFile=%[5]s/slurmctld.log
SlurmdLogFile=%[5]s/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
KillWait=1
NodeName=machine NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=4 RealMemory=16384
PartitionName=all Nodes=machine Default=YES
`

// startSlurm runs a controller and a node, and puts Slurm's commands on the path.
func startSlurm(t *testing.T, dir string) {
	t.Helper()
	packages := debian(t, "slurmctld", "slurmd", "slurm-client", "slurm-wlm-basic-plugins")
	plugins, err := filepath.Glob(filepath.Join(string(packages), "usr/lib/*/slurm-wlm"))
	require.NoError(t, err)
	require.Len(t, plugins, 1)
	who, err := user.Current()
	require.NoError(t, err)
	for _, sub := range []string{"state", "spool"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	conf := filepath.Join(dir, "slurm.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, settings, port(t), port(t), who.Username,
		plugins[0], dir), 0o600))
	t.Setenv("SLURM_CONF", conf)
	t.Setenv("LD_LIBRARY_PATH", strings.Join([]string{filepath.Dir(plugins[0]), plugins[0],
		os.Getenv("LD_LIBRARY_PATH")}, ":"))
	t.Setenv("PATH", filepath.Dir(packages.tool(t, "sbatch"))+":"+os.Getenv("PATH"))
	service(t, packages.tool(t, "slurmctld"), "-D", "-f", conf)
	service(t, packages.tool(t, "slurmd"), "-D", "-N", "machine", "-d", packages.tool(t, "slurmstepd"), "-f", conf)
	t.Cleanup(func() { // before the services end
		_ = exec.Command("scancel", "--partition=all").Run()
		require.Eventually(t, func() bool { return len(tasks(t, unfinished)) == 0 }, time.Minute, 100*time.Millisecond)
	})
	require.Eventually(t, func() bool {
		said, _ := exec.Command("sinfo", "--noheader", "--format=%T").Output()
		return strings.TrimSpace(string(said)) == "idle"
	}, time.Minute, 100*time.Millisecond, "see %s", dir)
}

// service runs a program until the test ends.
func service(t *testing.T, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
}

// port is one that nobody listens at.
func port(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// tasks are the names, such as 1_3, of those that Slurm knows in some states.
func tasks(t *testing.T, states string) []string {
	t.Helper()
	said, err := exec.Command("squeue", "--noheader", "--array", "--states="+states, "--format=%i").Output()
	require.NoError(t, err)
	return strings.Fields(string(said))
}

const unfinished = "PENDING,RUNNING,COMPLETING,SUSPENDED,CONFIGURING"

// slurm makes a gallery under Slurm. Some tasks are killed, some are put back into the queue; the pages are made of
// what is there. The same again makes the rest.
func slurm(t *testing.T, p place, alone string) {
	t.Helper()
	startSlurm(t, p.path("slurm"))
	dir, logs := p.plan(t, "by slurm's tasks"), p.path("logs")
	require.NoError(t, os.MkdirAll(logs, 0o700))
	submit := func(options ...string) string {
		command := exec.Command("bash", append([]string{file(t, "slurm.sh"), dir}, options...)...)
		command.Dir = logs
		said, _ := command.CombinedOutput()
		return string(said)
	}
	merged := func(said string) string { // what the job with the pages said
		id, found := strings.CutPrefix(said, "Submitted batch job ")
		require.True(t, found, said)
		text, err := os.ReadFile(filepath.Join(logs, "gallery-"+strings.TrimSpace(id)+".log"))
		require.NoError(t, err)
		return string(text)
	}
	require.Contains(t, submit("--gpus=1"), "Invalid generic resource (gres) specification") // there is no graphics card
	require.Empty(t, tasks(t, unfinished))
	said := submit("--array=0-11%2")
	killed, again := make(map[string]bool), make(map[string]bool)
	require.Eventually(t, func() bool {
		for _, task := range tasks(t, "RUNNING") {
			_, index, _ := strings.Cut(task, "_")
			switch {
			case slices.Contains([]string{"1", "4", "6", "11"}, index) && !killed[task]:
				killed[task] = kill(dir, index)
			case slices.Contains([]string{"2", "7", "8"}, index) && !again[task]:
				again[task] = exec.Command("scontrol", "requeue", task).Run() == nil
			}
		}
		return len(tasks(t, unfinished)) == 0
	}, 5*time.Minute, 50*time.Millisecond)
	t.Logf("killed %v, put back %v", killed, again)
	require.Len(t, killed, 4)
	require.Len(t, again, 3)
	require.Regexp(t, `(?s)index.html: \d+ of 64 filters.*missing: [1-5] of 16 shards`, merged(said))

	said = submit("--array=0-11%2")
	require.Eventually(t, func() bool { return len(tasks(t, unfinished)) == 0 }, 5*time.Minute, 100*time.Millisecond)
	require.Equal(t, filepath.Join(dir, "index.html")+": "+whole+"\n", merged(said))
	same(t, alone, dir)
}

var indexOf = regexp.MustCompile(`(?:^|\x00)SLURM_ARRAY_TASK_ID=(\d+)\x00`)

// kill kills the process of a task that works at a gallery, once it does; it says whether there was one.
func kill(dir, index string) bool {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		if !strings.Contains(string(command), "\x00work\x00--out\x00"+dir+"\x00") {
			continue
		}
		environment, _ := os.ReadFile(filepath.Join(process, "environ"))
		if found := indexOf.FindSubmatch(environment); found != nil && string(found[1]) == index {
			var pid int
			if _, err := fmt.Sscan(filepath.Base(process), &pid); err == nil {
				return syscall.Kill(pid, syscall.SIGKILL) == nil
			}
		}
	}
	return false
}
