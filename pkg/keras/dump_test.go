package keras_test
import ("testing";"os";"fmt";"convscope/pkg/keras")
func TestDump(t *testing.T) {
	net, err := keras.Read(os.Getenv("KFILE"))
	if err != nil { fmt.Println("ERR", err); return }
	fmt.Println(net.Name, net.Input, "out", net.Output, "logits", net.Logits, len(net.Layers), "check:", net.Check())
	if os.Getenv("V") != "" { for _, l := range net.Layers { fmt.Printf("  %s %v %s %v %T%+v act=%v w=", l.Name, l.Aliases, l.Class, l.Inputs, l.Op, l.Op, l.Activation); for k, w := range l.Weights { fmt.Print(k, w.Shape, " ") }; fmt.Println() } }
}
