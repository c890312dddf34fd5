def stack_machine(program):
    stack, trouble = [], ""
    for step, (name, *arguments) in enumerate(program):
        try:
            if name == "push":
                stack.append(arguments[0])
            elif name == "dup":
                stack.append(stack[-1])
            elif name == "neg":
                stack.append(-stack.pop())
            else:
                b, a = stack.pop(), stack.pop()
                stack.append(a + b if name == "add" else a * b)
        except IndexError:
            trouble = f"step {step}: {name} on a short stack"
            break
    result = stack[-1] if stack else None
    status = trouble or "ok"
    return result, status
