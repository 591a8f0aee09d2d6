# A CI log: an hour of other lines, a suite of Python's smtplib, a few lines, another suite that prints a transcript.
i=0
while [ $i -lt 3000 ]; do
    i=$((i + 1))
    echo "Collecting package-$i==1.$i (from -r requirements.txt)"
done
cat "$FIXTURES"/formats/python-smtplib/order503.log
echo "FAILED tests/test_order.py::test_order"
echo "> mail@1.0.0 test"
echo "> mocha"
cat two-sessions.txt
